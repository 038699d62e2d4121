"""Stands in for the AWS provider of Terraform: it serves schema.json over the plugin protocol, and nothing else.

With it `terraform validate` and `terraform test` (whose mocks take the place of the provider's answers) run where no
registry can be reached, and find unknown and missing arguments, wrong references and wrong types. It cannot plan or
apply, and does not know what only the provider itself checks: allowed values, and what excludes what.
"""

import json
import sys
from pathlib import Path

import tf.provider
import tf.runner
from tf.gen import tfplugin_pb2 as messages
from tf.gen import tfplugin_pb2_grpc as services

SCHEMA = json.loads(Path(__file__).with_name("schema.json").read_text())
NESTING = {
    "list": messages.Schema.NestedBlock.NestingMode.LIST,
    "set": messages.Schema.NestedBlock.NestingMode.SET,
    "single": messages.Schema.NestedBlock.NestingMode.SINGLE,
}


def attribute(name, schema, computed):
    """One attribute. What may be left out may also be filled in, but for the provider's own settings."""
    required, only_read = schema.get("required", False), schema.get("computed", False)
    return messages.Schema.Attribute(
        name=name,
        type=json.dumps(schema["type"]).encode(),
        required=required,
        optional=not required and not only_read,
        computed=computed and not required,
    )


def block(schema, computed=True):
    """A block with what is nested in it."""
    return messages.Schema.Block(
        attributes=[attribute(name, one, computed) for name, one in schema["attributes"].items()],
        block_types=[
            messages.Schema.NestedBlock(
                type_name=name,
                block=block(one, computed),
                nesting=NESTING[one["nesting"]],
                min_items=one["min"],
                max_items=one["max"],
            )
            for name, one in schema["blocks"].items()
        ],
    )


def schemas(kind):
    """The schema of every type of a kind."""
    return {name: messages.Schema(version=0, block=block(one)) for name, one in SCHEMA[kind].items()}


class Servicer(services.ProviderServicer):
    """Answers what Terraform asks before it plans."""

    def __init__(self, _provider):
        super().__init__()

    def GetMetadata(self, _request, _context):
        return messages.GetMetadata.Response(
            resources=[messages.GetMetadata.ResourceMetadata(type_name=name) for name in SCHEMA["resource"]],
            data_sources=[messages.GetMetadata.DataSourceMetadata(type_name=name) for name in SCHEMA["data"]],
        )

    def GetProviderSchema(self, _request, _context):
        return messages.GetProviderSchema.Response(
            provider=messages.Schema(version=0, block=block(SCHEMA["provider"], computed=False)),
            resource_schemas=schemas("resource"),
            data_source_schemas=schemas("data"),
        )

    def ValidateProviderConfig(self, _request, _context):
        return messages.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, _request, _context):
        return messages.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, _request, _context):
        return messages.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, _request, _context):
        return messages.ConfigureProvider.Response()

    def StopProvider(self, _request, _context):
        return messages.StopProvider.Response()


class Provider:
    """What the runner wants to know of a provider."""

    def full_name(self):
        return "registry.terraform.io/hashicorp/aws"


if __name__ == "__main__":
    tf.provider.ProviderServicer = Servicer
    tf.runner.run_provider(Provider(), sys.argv)

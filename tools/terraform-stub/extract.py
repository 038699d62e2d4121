"""Extracts the schema of the AWS provider's types that terraform/ uses, for provider.py.

    npm pack @cdktn/provider-aws@25.7.0 && tar xf cdktn-provider-aws-25.7.0.tgz
    python tools/terraform-stub/extract.py package/lib terraform/*.tf > tools/terraform-stub/schema.json

That package is generated from the provider's own schema. Of each type it has a class: what synthesizeHclAttributes()
lists can be written, the getters are what can be read, and the interfaces of index.d.ts mark with "?" what may be
left out. Nested blocks have a function of their own, <block>ToHclTerraform. What it does not tell: which attributes
exclude each other, which values are allowed, and what objects inside of computed lists look like (here: anything).
"""

import json
import re
import sys
from pathlib import Path

TYPES = {
    "string": "string",
    "boolean": "bool",
    "number": "number",
    "stringList": ["list", "string"],
    "numberList": ["list", "number"],
    "stringMap": ["map", "string"],
}
GETTERS = {
    "String": "string",
    "Number": "number",
    "Boolean": "bool",
    "List": ["list", "string"],
    "StringMap": ["map", "string"],
}
WRITTEN = re.compile(
    r'^ +"?(\w+)"?: \{\s+value: (.*?),\s+isBlock: (true|false),\s+type: "(\w+)",\s+storageClassType: "(\w+)"',
    re.MULTILINE | re.DOTALL,
)
READ = re.compile(r"this\.get(\w+)Attribute\('(\w+)'\)")
OUTPUTS = re.compile(r'new \w+\(this, "(\w+)"')
CLASS = re.compile(
    r'^class (\w+) extends cdktn\.Terraform(Resource|DataSource) \{.*?tfResourceType = "(\w+)"', re.MULTILINE | re.DOTALL
)
USED = re.compile(r'^(resource|data) "(aws_\w+)"', re.MULTILINE)


def camel(name):
    """The name of an attribute in TypeScript."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


class Source:
    """The two files of one type."""

    def __init__(self, folder):
        self.code = (folder / "index.js").read_text()
        self.typings = (folder / "index.d.ts").read_text()

    def required(self, interface):
        """The properties of an interface that must be given."""
        found = re.search(rf"^export interface {interface}\b[^{{]*\{{(.*?)^\}}", self.typings, re.M | re.S)
        return set(re.findall(r"readonly (\w+):", found[1])) if found else set()

    def block(self, body, interface):
        """The attributes and blocks that a body of code writes."""
        needed, attributes, blocks = self.required(interface), {}, {}
        for name, value, is_block, kind, storage in WRITTEN.findall(body):
            required = camel(name) in needed
            if is_block == "true":
                blocks[name] = self.nested(value, kind, required)
            else:
                attributes[name] = {"type": written_type(kind, storage), "required": required}
        return {"attributes": attributes, "blocks": blocks}

    def nested(self, value, kind, required):
        """A nested block: a list or a set of any length, of one at most, or a single one."""
        function = re.search(r"(\w+)ToHclTerraform\b(?!.*ToHclTerraform)", value, re.S)[1]
        body = re.search(rf"^function {function}ToHclTerraform\(struct\) \{{(.*?)^\}}", self.code, re.M | re.S)[1]
        many = "listMapperHcl" in value
        return {
            "nesting": "single" if kind == "struct" else kind,
            "min": int(required),
            "max": 0 if many or kind == "struct" else 1,
            **self.block(body, function[0].upper() + function[1:]),
        }

    def type(self, name):
        """The schema of the class of this name."""
        code = self.code[self.code.index(f"class {name} extends") :]
        getters, body = code.split("synthesizeHclAttributes()", 1)
        schema = self.block(body, f"{name}Config")
        known = schema["attributes"].keys() | schema["blocks"].keys()
        computed = {attribute: GETTERS.get(kind, "dynamic") for kind, attribute in READ.findall(getters)}
        computed |= {attribute: "dynamic" for attribute in OUTPUTS.findall(getters)}
        for attribute in computed.keys() - known:
            schema["attributes"][attribute] = {"type": computed[attribute], "computed": True}
        return schema


def written_type(kind, storage):
    """The type of an attribute, in the notation of the plugin protocol."""
    plain = TYPES.get(storage, "dynamic")
    return ["set", plain[1]] if kind == "set" and isinstance(plain, list) else plain


def main(library, files):
    """Prints the schema of every type that the files use."""
    index = {}
    for code in library.glob("*/index.js"):
        for name, base, kind in CLASS.findall(code.read_text()):
            index["data" if base == "DataSource" else "resource", kind] = (code.parent, name)
    used = sorted({use for file in files for use in USED.findall(Path(file).read_text())})
    schema = {"resource": {}, "data": {}}
    for kind, name in used:
        folder, class_name = index[kind, name]
        schema[kind][name] = Source(folder).type(class_name)
    provider = Source(library / "provider")
    schema["version"] = re.search(r"providerVersion: '([\d.]+)'", provider.code)[1]
    schema["provider"] = provider.type("AwsProvider")
    json.dump(schema, sys.stdout, separators=(",", ":"), sort_keys=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

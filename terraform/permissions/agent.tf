# What the agent of Systems Manager needs for sessions and commands: AmazonSSMManagedInstanceCore without the leave
# to read every parameter of the account. What is for every resource knows none.

locals {
  # Of this account, and of AWS itself.
  any_document = "arn:${var.partition}:ssm:${var.region}:*:document/*"

  agent = [
    {
      Sid    = "Commands"
      Effect = "Allow"
      Action = [
        "ssm:DescribeAssociation",
        "ssm:GetDeployablePatchSnapshotForInstance",
        "ssm:GetManifest",
        "ssm:ListAssociations",
        "ssm:ListInstanceAssociations",
        "ssm:PutComplianceItems",
        "ssm:PutConfigurePackageResult",
        "ssm:PutInventory",
        "ssm:UpdateInstanceInformation",
      ]
      Resource = "*"
    },
    {
      Sid      = "ReadDocuments"
      Effect   = "Allow"
      Action   = ["ssm:DescribeDocument", "ssm:GetDocument"]
      Resource = local.any_document
    },
    {
      Sid      = "TellOfAssociations"
      Effect   = "Allow"
      Action   = ["ssm:UpdateAssociationStatus", "ssm:UpdateInstanceAssociationStatus"]
      Resource = [local.any_document, "arn:${var.partition}:ssm:${var.region}:${var.account_id}:association/*", local.instances]
    },
    {
      Sid    = "Sessions"
      Effect = "Allow"
      Action = [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ]
      Resource = "*"
    },
    {
      Sid    = "Messages"
      Effect = "Allow"
      Action = [
        "ec2messages:AcknowledgeMessage",
        "ec2messages:DeleteMessage",
        "ec2messages:FailMessage",
        "ec2messages:GetEndpoint",
        "ec2messages:GetMessages",
        "ec2messages:SendReply",
      ]
      Resource = "*"
    },
  ]
}

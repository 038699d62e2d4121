# Who else may write to the buckets: nobody without TLS, and AWS's deliveries of logs for this account.

locals {
  bucket_arns = { for purpose, name in local.buckets : purpose => "arn:${data.aws_partition.current.partition}:s3:::${name}" }
  account_id  = data.aws_caller_identity.current.account_id

  https_only = {
    for purpose, arn in local.bucket_arns : purpose => {
      Sid       = "RefuseClearText"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [arn, "${arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
  }

  log_delivery = [
    {
      Sid       = "FlowLogs"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.bucket_arns["logs"]}/flow/AWSLogs/${local.account_id}/*"
      Condition = merge(local.from_flow_logs, {
        StringEquals = merge(local.from_flow_logs.StringEquals, { "s3:x-amz-acl" = "bucket-owner-full-control" })
      })
    },
    {
      Sid       = "FlowLogsAsk"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = ["s3:GetBucketAcl", "s3:ListBucket"]
      Resource  = local.bucket_arns["logs"]
      Condition = local.from_flow_logs
    },
    {
      Sid       = "AccessLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.bucket_arns["logs"]}/access/*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = local.bucket_arns["models"] }
      }
    },
  ]

  from_flow_logs = {
    StringEquals = { "aws:SourceAccount" = local.account_id }
    ArnLike      = { "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:logs:${var.region}:${local.account_id}:*" }
  }
}

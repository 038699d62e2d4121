# Two buckets: models, with what is installed; logs, with closed months of the journal.

locals {
  buckets = {
    for purpose in ["models", "logs"] :
    purpose => "${var.name}-${purpose}-${data.aws_caller_identity.current.account_id}-${var.region}"
  }
}

resource "aws_s3_bucket" "main" {
  for_each = local.buckets

  # checkov:skip=CKV_AWS_18: Access to models is logged into logs (below); a bucket that logs into itself never ends.
  # checkov:skip=CKV_AWS_144: Models can be trained again, and logs are of this region; a second copy doubles the cost.
  # checkov:skip=CKV_AWS_145: Encrypted by S3's own keys (below); a key of KMS costs more than what is stored.
  # checkov:skip=CKV2_AWS_61: Both have a life cycle (below); the checker does not follow for_each, tests/ does.
  # checkov:skip=CKV2_AWS_62: Nobody has to be told of new objects.
  bucket        = each.value
  force_destroy = var.destroy_with_objects
}

resource "aws_s3_bucket_public_access_block" "main" {
  for_each = aws_s3_bucket.main

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "models" {
  bucket = aws_s3_bucket.main["models"].id

  rule {
    id     = "replaced"
    status = "Enabled"

    filter {}

    # What marks a model as deleted, once no older version is left behind it.
    expiration {
      expired_object_delete_marker = true
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.main]
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.main["logs"].id

  rule {
    id     = "old"
    status = "Enabled"

    filter {}

    # S3 leaves objects below 128 KiB where they are, for which the change would cost more than it saves.
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }

    expiration {
      days = var.logs_kept_days
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.main]
}

resource "aws_s3_bucket_logging" "models" {
  bucket        = aws_s3_bucket.main["models"].id
  target_bucket = aws_s3_bucket.main["logs"].id
  target_prefix = "access/"

  depends_on = [aws_s3_bucket_policy.main]
}

resource "aws_s3_bucket_policy" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.https_only[each.key]], [for delivery in local.log_delivery : delivery if each.key == "logs"])
  })

  depends_on = [aws_s3_bucket_public_access_block.main]
}

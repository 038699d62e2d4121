output "policies" {
  description = "Policies as JSON: of the monitoring and the application instance, and of the agent on both."
  value = {
    for name, statements in local.statements :
    name => jsonencode({ Version = "2012-10-17", Statement = statements })
  }
}

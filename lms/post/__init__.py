"""The post room: messages carried outside by e-mail, SMS, webhooks and chat robots."""

"""What exports and Microsoft call things: headers and labels in many languages, and what the articles say of the service."""

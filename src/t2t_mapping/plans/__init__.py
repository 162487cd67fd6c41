"""Many environments in one go, each reconciled on its own, then checked together."""

"""The embedded staging service: small, real, and ready to misbehave on demand."""

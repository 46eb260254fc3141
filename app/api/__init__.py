"""HTTP: routes that translate requests and responses, and decide nothing."""

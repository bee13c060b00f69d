"""The controller's own figures, measured on real sockets and processes."""

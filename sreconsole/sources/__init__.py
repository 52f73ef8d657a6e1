"""The outside world, one module for each kind of system. The only folder that opens sockets."""

"""What an SRE talks about: pure values and functions. No clock, no I/O."""

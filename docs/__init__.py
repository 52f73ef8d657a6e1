"""What is written about sreconsole, and the programs that draw and write parts of it."""

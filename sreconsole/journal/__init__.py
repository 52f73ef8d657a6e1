"""What we did and noted (its writers come with the actions)."""

"""What we did and noted: intents and outcomes, only ever added to, and whether anybody changed them since."""

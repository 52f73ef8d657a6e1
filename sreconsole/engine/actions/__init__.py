"""What is done on somebody's word: plan, confirm, do, journal. No terminal here; `actions.Actions` is the way in."""

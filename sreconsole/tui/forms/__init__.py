"""Forms: what a key asks before anything is sent. One row a question, a preview below, `S` sends."""

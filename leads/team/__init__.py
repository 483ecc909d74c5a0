"""What a manager sees of teams: queues, answers, shares and load, each by person and band."""

"""What a reviewer decides on: who would move, whether past outcomes agree, what the queues can bear."""

"""What other programs send: kept at once, used afterwards, never lost and never counted twice."""

"""Events (事故): what a case says, what is due to each victim, and what the limits leave."""

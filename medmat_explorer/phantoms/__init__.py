"""The synthetic world: phantom pictures drawn from numbers, questions about them, and the collection made of both."""

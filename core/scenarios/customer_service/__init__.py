"""Customer service: answers from a knowledge base, asks back, or hands over to a person."""

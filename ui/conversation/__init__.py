"""The *Conversation* tab: messages, answers, and the cards of tasks, questions and proofs."""

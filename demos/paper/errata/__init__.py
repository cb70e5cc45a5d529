"""The paper's misprints: `misprints` lists them, and `demonstrations` computes what they do to numbers."""

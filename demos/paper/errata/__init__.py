"""The paper's errata: `misprints` lists them, and `demonstrations` computes what they do to numbers."""

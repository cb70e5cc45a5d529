"""Questions about a finished graph: its paths, its derivatives by paths, its named nodes and their roles, its gradients checked."""

"""Pictures of graphs and networks, drawn by Graphviz."""

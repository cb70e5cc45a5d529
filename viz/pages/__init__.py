"""Pages of HTML that work from disk: `live_page`, in which the numbers of a graph can be changed."""

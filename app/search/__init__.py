"""Search without a database: words of a text, the reading of a query, ranks, and highlights."""

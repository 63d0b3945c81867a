"""What test_documents.py is made of: the blocks of the documents, peers, and a check for each kind of block."""

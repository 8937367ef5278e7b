"""The fleet from a chat: what people say becomes the same asks that the API gets, as themselves."""

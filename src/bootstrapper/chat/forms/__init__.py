"""Actions as forms: pure, from fields to a modal, and from what was put in to a request."""

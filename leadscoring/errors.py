"""The one kind of error that the product's own verbs raise."""


class DomainError(Exception):
    """A verb that can't be carried out, said in a sentence that its user can act on.

    `code` is stable and meant for programs and tests; `sentence` is meant for people.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence

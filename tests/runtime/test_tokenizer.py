"""Tokens of both families, against slow tokenizers that are written here from the definitions."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import regex
from abax_runtime import bytepairs
from abax_runtime.bytepairs import PATTERNS, BytePairTokenizer
from abax_runtime.errors import InvalidModel, InvalidParameter, Unsupported
from abax_runtime.gguf import open_gguf
from abax_runtime.tokenizer import Tokenizer, TokenType, load_tokenizer
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.models import byte_letters, default_model, learn_merges, tokenizer_metadata  # noqa: F401

CORPUS = (
    "The quick brown fox isn't jumping; it's 12345 o'clock, and THEY'LL say we'd've gone.",
    "Grüße aus Köln – 1.234,56 € für 3 Stück (inkl. MwSt.), ÄÖÜ ß ﬁn",
    "今日は良い天気ですね。東京タワーへ行きましょう!株式会社の売上高は１２３億円。",
    "نص عربي مع أرقام ١٢٣ وعلامات؟ شلون עולם, מה שלומך?",
    "Привет, мир! Сколько стоит 1000 рублей? İstanbul ııı",
    "นี่คือภาษาไทย हिन्दी में लिखा हुआ e\u0301a\u0308\u0300 combining",
    "🙂👩‍👩‍👧‍👦🇩🇪 emoji ✅✔️ 👍🏽 ①②③ Ⅷ ½ ᵃ ǅ 𝒜𝟙𐍈",
    "\t\ttabs\n\n\nnewlines \r\n \n x   leading and trailing   ",
    "12345678901234567890123456789 1 22 333 4444 3.14159",
    "a\x00b\x01c\x04\x06\x1b\x1c\x1f\x7f \x85\u2028\u2029\xa0\u2003\u3000 wide \ufeff",
    "def f(x):\n    return {'x': [1, 2]}  # http://a.b/c?d=e&f=%20",
    "'''\"\"\"``` $$$ +=-*/ <|im_start|>user\n<|im_end|> </s><s> <unk> <|endoftext|>",
    "▁▁ low ▁line " + "x" * 70 + " " * 40 + "=" * 33,
)
FRAGMENTS = [text[start : start + 7] for text in CORPUS for start in range(0, len(text), 5)]

TEXTS = st.lists(
    st.sampled_from(FRAGMENTS) | st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=8),
    max_size=12,
).map("".join)

CONTROLS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

# As the models' own tokenizer.json has them, but for case-insensitive groups, which take the long s too.
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
SUFFIX = r"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?\p{L}+"
REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
WORDS = {
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [rf"{SUFFIX}|\p{{N}}{{1,3}}|{REST}"],
    "qwen2": [rf"{SUFFIX}|\p{{N}}|{REST}"],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
    "tekken": [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ],
    "deepseek-coder": [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥\u0800-一가-\ud7ff]+", r"\p{N}"],
}


def cut(text: str, patterns: Sequence[str]) -> list[str]:
    """Words: every pattern in turn divides what there is into matches and the rest."""
    words = [text]
    for pattern in patterns:
        words = [part for word in words for part in regex.split(f"({pattern})", word, flags=regex.V0) if part]
    return words


@cache
def vocabulary(pre: str) -> dict[str, Any]:
    """A byte-level vocabulary learnt from the corpus; two bytes are missing, as in some real ones."""
    letters = byte_letters()
    words = Counter(
        "".join(letters[byte] for byte in word.encode())
        for text in CORPUS
        for word in cut(text, WORDS["gpt-2"])
    )
    merges = learn_merges(words, 500)
    base = [letter for byte, letter in letters.items() if byte not in (0x04, 0x06)]
    tokens = list(dict.fromkeys([*CONTROLS, *base, *("".join(pair) for pair in merges)]))
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": pre,
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [3 if token in CONTROLS else 1 for token in tokens],
        "tokenizer.ggml.merges": [" ".join(pair) for pair in merges],
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.add_bos_token": False,
    }


def merged(parts: list[str], best: Callable[[str, str], float | None]) -> list[str]:
    """Merges the best pair of neighbours, the leftmost of equals, until none is left."""
    while True:
        ranked = [(rank, at) for at, pair in enumerate(pairwise(parts)) if (rank := best(*pair)) is not None]
        if not ranked:
            return parts
        _, at = min(ranked)
        parts = [*parts[:at], parts[at] + parts[at + 1], *parts[at + 2 :]]


def slow_byte_pairs(metadata: dict[str, Any], text: str) -> list[int]:
    """Byte-level byte-pair encoding by its definition."""
    ids = {token: id for id, token in enumerate(metadata["tokenizer.ggml.tokens"])}
    ranks = {tuple(merge.split(" ")): rank for rank, merge in enumerate(metadata["tokenizer.ggml.merges"])}
    whole = metadata["tokenizer.ggml.pre"] in ("llama-bpe", "tekken")
    letters = byte_letters()
    out: list[int] = []
    for word in cut(text, WORDS[metadata["tokenizer.ggml.pre"]]):
        written = "".join(letters[byte] for byte in word.encode())
        whole_word = whole and written in ids
        parts = [written] if whole_word else merged(list(written), lambda a, b: ranks.get((a, b)))
        out += [ids[part] for part in parts if part in ids]
    return out


def slow_sentence_pieces(metadata: dict[str, Any], text: str) -> list[int]:
    """SentencePiece's merging by scores, with bytes for what no piece holds."""
    tokens = metadata["tokenizer.ggml.tokens"]
    scores = {
        token: score
        for token, score, kind in zip(
            tokens, metadata["tokenizer.ggml.scores"], metadata["tokenizer.ggml.token_type"], strict=True
        )
        if kind == TokenType.NORMAL
    }
    ids = {token: id for id, token in enumerate(tokens)}

    def best(left: str, right: str) -> float | None:
        score = scores.get(left + right)
        return None if score is None else -score

    out: list[int] = []
    for part in merged(list(text.replace(" ", "▁")), best):
        out += [ids[part]] if part in scores else [ids[f"<0x{byte:02X}>"] for byte in part.encode()]
    return out


@cache
def small(family: str) -> dict[str, Any]:
    return tokenizer_metadata(family)


@cache
def tokenizer(pre: str) -> BytePairTokenizer:
    made = load_tokenizer(vocabulary(pre))
    assert isinstance(made, BytePairTokenizer)
    return made


@cache
def sentences(space_before: bool = True) -> Tokenizer:
    return load_tokenizer(small("pieces") | {"tokenizer.ggml.add_space_prefix": space_before})


def by_library(made: BytePairTokenizer, text: str) -> list[int]:
    """As a long text would be encoded."""
    ids = made._library.encode(text, add_special_tokens=False).ids
    return [id for id in ids if id < made.size]


class TestBytePairs:
    @pytest.mark.parametrize("pre", WORDS)
    @pytest.mark.parametrize("text", CORPUS)
    def test_the_corpus_is_encoded_as_by_definition(self, pre: str, text: str) -> None:
        expected = slow_byte_pairs(vocabulary(pre), text)
        assert tokenizer(pre).encode(text) == expected
        assert by_library(tokenizer(pre), text) == expected

    @pytest.mark.parametrize("pre", WORDS)
    @settings(max_examples=80, deadline=None)
    @given(text=TEXTS)
    def test_any_text_is_encoded_as_by_definition_quickly_and_by_the_library(
        self, pre: str, text: str
    ) -> None:
        expected = slow_byte_pairs(vocabulary(pre), text)
        made = tokenizer(pre)
        assert by_library(made, text) == expected
        assert made._quick.encode(text) in (expected, None)
        assert made.encode(text) == expected

    def test_most_pre_tokenizers_need_no_library_for_a_short_text(self) -> None:
        made = {pre: load_tokenizer(vocabulary("gpt-2") | {"tokenizer.ggml.pre": pre}) for pre in PATTERNS}
        usable = {pre for pre, one in made.items() if one._quick.usable}  # type: ignore[attr-defined]
        assert set(PATTERNS) - usable == {"deepseek-llm", "deepseek-coder"}

    def test_long_texts_go_through_the_library(self) -> None:
        made = load_tokenizer(vocabulary("smollm"))
        text = " ".join(CORPUS) * 6
        assert len(text) > bytepairs.QUICK_TEXT
        ids = made.encode(text)
        assert "_library" in vars(made) and "_quick" not in vars(made)
        assert ids == made._quick.encode(text)  # type: ignore[attr-defined]

    def test_many_short_texts_go_through_the_library_in_the_end(self) -> None:
        made = load_tokenizer(vocabulary("smollm"))
        for _ in range(bytepairs.QUICK_TOTAL // len(CORPUS[0]) + 2):
            made.encode(CORPUS[0])
        assert "_library" in vars(made)

    def test_deepseeks_letters_are_cut_as_its_own_pattern_says(self) -> None:
        made = load_tokenizer(vocabulary("gpt-2") | {"tokenizer.ggml.pre": "deepseek-llm"})
        text = "Ab12 漢字 Éß.\nx"
        words = made._library.pre_tokenizer.pre_tokenize_str(text)  # type: ignore[attr-defined]
        spans = [text[start:end] for _, (start, end) in words]
        assert spans == ["Ab", "12", " ", "漢字", " Éß", ".", "\n", "x"]

    def test_bytes_without_a_token_are_left_out_and_keep_their_neighbours_apart(self) -> None:
        made = tokenizer("gpt-2")
        word = "line"
        assert len(made.encode(word)) == 1
        apart = made.encode("li\x04ne")
        assert made.decode(apart) == word
        assert len(apart) > 1

    def test_an_unknown_pre_tokenizer_is_named(self) -> None:
        with pytest.raises(Unsupported, match="'klingon'"):
            load_tokenizer(vocabulary("gpt-2") | {"tokenizer.ggml.pre": "klingon"})

    def test_a_file_without_a_pre_tokenizer_has_the_default_one(self) -> None:
        metadata = {key: value for key, value in vocabulary("default").items() if key != "tokenizer.ggml.pre"}
        assert load_tokenizer(metadata).encode(CORPUS[0]) == tokenizer("default").encode(CORPUS[0])

    def test_a_merge_into_nothing_is_refused(self) -> None:
        metadata = vocabulary("gpt-2") | {"tokenizer.ggml.merges": ["q x"]}
        with pytest.raises(InvalidModel, match="merges"):
            load_tokenizer(metadata).encode("qx")
        with pytest.raises(InvalidModel, match="merges"):
            load_tokenizer(metadata).encode("qx" * bytepairs.QUICK_TEXT)

    def test_llama_3_begins_with_its_token_unless_told_otherwise(self) -> None:
        metadata = dict(vocabulary("llama-bpe"))
        del metadata["tokenizer.ggml.add_bos_token"]
        assert load_tokenizer(metadata).add_bos
        assert load_tokenizer(metadata).encode("x")[0] == 1
        assert not load_tokenizer(vocabulary("llama-bpe")).add_bos

    def test_threads_may_share_one(self) -> None:
        made = load_tokenizer(vocabulary("smollm"))
        expected = {text: slow_byte_pairs(vocabulary("smollm"), text) for text in CORPUS}
        wrong: list[str] = []

        def work() -> None:
            wrong.extend(text for text in CORPUS * 3 if made.encode(text) != expected[text])

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong

    def test_the_default_model_is_encoded_as_by_definition(self, default_model: Path) -> None:  # noqa: F811
        with open_gguf(default_model) as file:
            keys = ("tokens", "merges", "pre")
            metadata = {f"tokenizer.ggml.{key}": file.metadata[f"tokenizer.ggml.{key}"] for key in keys}
            made = load_tokenizer(file.metadata)
            for text in CORPUS:
                assert made.encode(text, bos=False) == slow_byte_pairs(metadata, text)
            assert made.encode("<|im_start|>user\nHi<|im_end|>", special=True) == [1, 4093, 198, 26843, 2]
            assert (made.size, made.bos, made.eos, made.add_bos) == (49152, 1, 2, False)
            assert made.stop == {0, 2}


class TestSentencePieces:
    @pytest.mark.parametrize("space_before", [True, False])
    @pytest.mark.parametrize("text", CORPUS)
    def test_the_corpus_is_encoded_as_by_definition(self, text: str, space_before: bool) -> None:
        expected = slow_sentence_pieces(small("pieces"), " " * space_before + text)
        assert sentences(space_before).encode(text, bos=False) == expected

    @settings(max_examples=300, deadline=None)
    @given(text=TEXTS.filter(bool))
    @example(text="\x00")
    @example(text=" ")
    def test_any_text_is_encoded_as_by_definition(self, text: str) -> None:
        expected = slow_sentence_pieces(small("pieces"), f" {text}")
        assert sentences().encode(text, bos=False) == expected

    @settings(max_examples=200, deadline=None)
    @given(text=TEXTS.filter(lambda text: "▁" not in text))
    def test_decoding_gives_the_text_back(self, text: str) -> None:
        assert sentences().decode(sentences().encode(text)) == text
        assert sentences(False).decode(sentences(False).encode(text)) == text

    def test_the_space_is_put_before_every_text_that_follows_a_special_token(self) -> None:
        made = sentences()
        plain = made.encode("the", bos=False)
        assert made.encode("the</s>the", special=True) == [1, *plain, 2, *plain]

    def test_names_of_control_tokens_in_plain_text_stay_text(self) -> None:
        made = sentences()
        assert 2 not in made.encode("a</s>b")
        assert made.decode(made.encode("a</s>b")) == "a</s>b"

    def test_a_vocabulary_without_bytes_gives_its_unknown_token(self) -> None:
        tokens = ["<unk>", "<s>", "</s>", "▁", "a", "▁a"]
        metadata = {
            "tokenizer.ggml.model": "llama",
            "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.scores": [0.0, 0.0, 0.0, -3.0, -2.0, -1.0],
            "tokenizer.ggml.token_type": [2, 3, 3, 1, 1, 1],
        }
        assert load_tokenizer(metadata).encode("a漢a") == [1, 5, 0, 4]

    def test_repeated_and_empty_tokens_do_no_harm(self) -> None:
        metadata = tokenizer_metadata("pieces")
        for token in ("", "", "the", "▁the"):
            metadata["tokenizer.ggml.tokens"].append(token)
            metadata["tokenizer.ggml.scores"].append(-500.0)
            metadata["tokenizer.ggml.token_type"].append(TokenType.NORMAL)
        made = load_tokenizer(metadata)
        assert made.decode(made.encode("the invoice")) == "the invoice"


@pytest.fixture(params=["bytes", "pieces"])
def either(request: pytest.FixtureRequest) -> Tokenizer:
    return load_tokenizer(small(request.param))


class TestEither:
    def test_pieces_are_the_bytes_of_the_text(self, either: Tokenizer) -> None:
        for text in CORPUS:
            ids = either.encode(text, bos=False)
            whole = b"".join(map(either.piece, ids)).decode()
            assert whole.removeprefix(" ") == text.removeprefix(" ").replace(
                "▁", "▁" if either.size < 350 else " "
            )

    def test_the_list_of_pieces_is_that_of_single_ones(self, either: Tokenizer) -> None:
        assert either.pieces() == [either.piece(id) for id in range(either.size)]

    def test_control_tokens_stand_for_nothing_and_can_be_shown_by_name(self, either: Tokenizer) -> None:
        assert either.eos is not None
        assert either.is_control(either.eos) and either.piece(either.eos) == b""
        word = either.encode("total", bos=False)
        assert either.decode([*word, either.eos]) == "total"
        assert either.decode([*word, either.eos], special=True).removeprefix(" ") in (
            "total<|im_end|>",
            "total</s>",
        )

    def test_a_stream_holds_back_what_is_no_character_yet(self, either: Tokenizer) -> None:
        for text in ("é🙂漢", CORPUS[6]):
            stream = either.decoder()
            shown = [stream.push(id) for id in either.encode(text, bos=False)]
            assert "".join(shown).removeprefix(" ") + stream.finish() == text
            assert "\ufffd" not in "".join(shown)
            assert "" in shown

    def test_a_stream_that_ends_within_a_character_says_so(self, either: Tokenizer) -> None:
        stream = either.decoder()
        *most, _ = either.encode("🙂", bos=False)
        for id in most:
            stream.push(id)
        assert stream.finish() == "\ufffd"

    def test_no_text_has_no_tokens_but_the_first(self, either: Tokenizer) -> None:
        assert either.encode("", bos=False) == []
        assert either.encode("", bos=True) == [either.bos]

    def test_halves_of_surrogate_pairs_become_replacement_characters(self, either: Tokenizer) -> None:
        assert either.encode("a\ud83d b") == either.encode("a\ufffd b")
        assert either.encode("\ud83d\ude42") == either.encode("🙂")

    def test_a_number_that_is_no_token_is_refused(self, either: Tokenizer) -> None:
        for id in (-1, either.size):
            with pytest.raises(InvalidParameter, match="token"):
                either.piece(id)


class TestSpecialTokens:
    def metadata(self, **types: int) -> dict[str, Any]:
        made = tokenizer_metadata("bytes")
        for token, kind in types.items():
            made["tokenizer.ggml.tokens"].append(token)
            made["tokenizer.ggml.token_type"].append(kind)
        return made

    def test_they_are_parsed_when_asked_for_and_only_then(self) -> None:
        made = load_tokenizer(self.metadata())
        text = "<|im_start|>user\nthe<|im_end|>"
        ids = made.encode(text, special=True)
        assert (ids[0], ids[-1]) == (1, 2)
        assert not {0, 1, 2} & set(made.encode(text))
        assert made.decode(made.encode(text)) == text

    def test_their_names_in_a_text_can_be_asked_for(self) -> None:
        made = load_tokenizer(self.metadata(**{"[HÖR ZU]": 4}))
        assert made.control_names("a<|im_end|>[HÖR ZU]<|im_start|>") == ["<|im_start|>", "<|im_end|>"]
        assert made.control_names("<|im_end") == []

    def test_of_two_that_begin_together_the_longer_is_meant(self) -> None:
        made = load_tokenizer(self.metadata(**{"<a>": 3, "<a><b>": 3}))
        assert made.encode("<a><b><a>", special=True) == [made.size - 1, made.size - 2]

    def test_what_the_user_defined_is_always_found_and_is_text(self) -> None:
        made = load_tokenizer(self.metadata(**{"[HÖR ZU]": 4}))
        ids = made.encode("a[HÖR ZU]b")
        assert ids[1] == made.size - 1
        assert made.decode(ids) == "a[HÖR ZU]b"

    def test_well_known_ends_stop_an_answer_even_if_the_file_forgot_to_say_so(self) -> None:
        made = load_tokenizer(self.metadata(**{"<|eot_id|>": TokenType.NORMAL}))
        assert made.stop == {0, 2, made.size - 1}
        assert made.is_control(made.size - 1)

    def test_ends_of_turns_and_messages_are_taken_from_the_file(self) -> None:
        named = {"tokenizer.ggml.eot_token_id": 7, "tokenizer.ggml.eom_token_id": 9}
        assert load_tokenizer(self.metadata() | named).stop == {0, 2, 7, 9}

    def test_an_end_is_added_where_the_file_wants_it(self) -> None:
        made = load_tokenizer(self.metadata() | {"tokenizer.ggml.add_eos_token": True})
        assert made.encode("the")[-1] == made.eos
        assert made.eos not in made.encode("the", bos=False)


class TestBadFiles:
    @pytest.mark.parametrize(
        ("change", "error", "named"),
        [
            ({"tokenizer.ggml.model": "bert"}, Unsupported, "bert"),
            ({"tokenizer.ggml.model": None}, Unsupported, "None"),
            ({"tokenizer.ggml.tokens": None}, InvalidModel, "tokens"),
            ({"tokenizer.ggml.tokens": "abc"}, InvalidModel, "tokens"),
            ({"tokenizer.ggml.bos_token_id": 10**9}, InvalidModel, "bos_token_id"),
            ({"tokenizer.ggml.eos_token_id": -1}, InvalidModel, "eos_token_id"),
            ({"tokenizer.ggml.token_type": [1]}, InvalidModel, "token_type"),
            ({"tokenizer.ggml.token_type": [999] * 1000}, InvalidModel, "token_type"),
            ({"tokenizer.ggml.eot_token_id": "x"}, InvalidModel, "eot_token_id"),
        ],
    )
    @pytest.mark.parametrize("family", ["bytes", "pieces"])
    def test_what_is_wrong_is_named(
        self, family: str, change: dict[str, Any], error: type[Exception], named: str
    ) -> None:
        with pytest.raises(error, match=named):
            load_tokenizer(small(family) | change).encode("text <s> <|im_start|>", special=True)

    @pytest.mark.parametrize("scores", [[1.0], ["x"] * 1000, [1e300] * 1000, "x"])
    def test_wrong_scores_are_named(self, scores: Any) -> None:
        with pytest.raises(InvalidModel, match="scores"):
            load_tokenizer(small("pieces") | {"tokenizer.ggml.scores": scores}).encode("x")

    @pytest.mark.parametrize("family", ["bytes", "pieces"])
    def test_tokens_of_types_that_nobody_knows_stand_for_nothing(self, family: str) -> None:
        metadata = tokenizer_metadata(family)
        metadata["tokenizer.ggml.token_type"][-1] = 77
        made = load_tokenizer(metadata)
        assert made.piece(made.size - 1) == b""
        assert made.decode(made.encode("the invoice")) == "the invoice"

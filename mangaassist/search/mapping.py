"""How the titles lie in OpenSearch. Whoever changes it raises VERSION, deploys and reindexes."""

from __future__ import annotations

from typing import Any

from mangaassist.embedding import DIMENSIONS

VERSION = 2
ANALYSIS = {
    "analyzer": {
        "words": {
            "type": "custom",
            "char_filter": ["icu_normalizer"],
            "tokenizer": "kuromoji_tokenizer",
            "filter": [
                "kuromoji_baseform",
                "kuromoji_part_of_speech",
                "ja_stop",
                "kuromoji_stemmer",
                "lowercase",
            ],
        }
    }
}
FIELDS: dict[str, Any] = {
    "title": {"type": "keyword"},
    "version": {"type": "long", "index": False, "doc_values": False},
    "names": {"type": "keyword", "index": False, "doc_values": False},
    "folded": {"type": "keyword"},
    "pieces": {"type": "text", "analyzer": "whitespace"},
    "words": {"type": "text", "analyzer": "words"},
    "vector": {
        "type": "knn_vector",
        "dimension": DIMENSIONS,
        "space_type": "innerproduct",  # No engine: Serverless chooses, and may refuse a wish.
    },
}
BODY: dict[str, Any] = {
    "settings": {"index": {"knn": True}, "analysis": ANALYSIS},
    "mappings": {"dynamic": "strict", "properties": FIELDS},
}

"""Writes tests/reference/geneformer.json: hidden states of a Geneformer V1-10M with made-up weights, by transformers.

Run: python -m venv hf && hf/bin/pip install "torch==2.9.1" "transformers==4.57.6" "numpy==2.4.6"
     hf/bin/python scripts/reference/geneformer.py [--folder FOLDER]

The weights of the published model cannot be committed and 40 MB of random ones should not be, so both sides make the same
ones: number i of a tensor is output i of SplitMix64 (Steele et al. 2014) seeded with the FNV-1a hash of the tensor's name,
as a uniform number in [-1, 1) with 24 bits, times a spread in float32. The spread is five times wider than BERT's
initialisation so that attention is far from uniform, as in a trained model. `--folder` also saves the model as a Hugging
Face folder (config.json, model.safetensors), which resitu reads.
"""

import argparse
import json
import pathlib

import numpy as np
import torch
import transformers

CONFIG = dict(
    vocab_size=25_426, hidden_size=256, num_hidden_layers=6, num_attention_heads=4, intermediate_size=512,
    max_position_embeddings=2_048, type_vocab_size=2, hidden_act="relu", layer_norm_eps=1e-12, pad_token_id=0,
    hidden_dropout_prob=0.02, attention_probs_dropout_prob=0.02,
)
# Cells of a full, a middling and a short length, and one gene alone; padded to batches.
BATCHES = [[2_048], [70, 23, 1]]


def splitmix64(name, n):
    """n numbers in [-1, 1), float32, from the name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float32) * np.float32(2**-23) - np.float32(1)


def weight(name, shape):
    """The made-up tensor of this name."""
    numbers = splitmix64(name, int(np.prod(shape))).reshape(shape)
    if "LayerNorm.weight" in name:
        return np.float32(1) + numbers * np.float32(0.25)
    return numbers * np.float32(0.1)


def cell(length, seed):
    """Token ids of a cell: any genes, none twice."""
    order = np.argsort(splitmix64(f"cell {seed}", CONFIG["vocab_size"] - 2), kind="stable")
    return (order[:length] + 2).tolist()


def build():
    model = transformers.BertForMaskedLM(transformers.BertConfig(**CONFIG, attn_implementation="eager")).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(weight(name, tuple(parameter.shape))))
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    model = build()
    if folder:
        model.save_pretrained(folder)

    cells, worst = [], 0.0
    for lengths in BATCHES:
        tokens = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
        for row, length in enumerate(lengths):
            tokens[row, :length] = torch.tensor(cell(length, length))
        mask = (tokens != 0).long()

        def run():
            with torch.no_grad():
                output = model(input_ids=tokens, attention_mask=mask, output_hidden_states=True)
            return output.hidden_states[-1].double(), output.logits.double()

        hidden, logits = run()
        model.double()
        worst = max(worst, float((hidden - run()[0]).abs()[mask.bool()].max()))
        model.float()
        for row, length in enumerate(lengths):
            positions = sorted({0, length // 2, length - 1})
            cells.append({
                "batch": len(lengths), "length": length, "tokens": tokens[row, :length].tolist() if length <= 70 else None,
                "positions": positions,
                "hidden": [[round(x, 7) for x in hidden[row, p, ::4].tolist()] for p in positions],
                "mean": [round(x, 7) for x in hidden[row, :length].mean(0)[::4].tolist()],
                "logits": [round(x, 7) for x in logits[row, positions[-1], ::800].tolist()],
            })
    reference = {
        "model": "BertForMaskedLM, Geneformer V1-10M configuration, SplitMix64 weights",
        "versions": {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]},
        "largest_difference_to_float64": worst,
        "config": model.config.to_diff_dict() | CONFIG,
        "parameters": {name: list(p.shape) for name, p in model.named_parameters()},
        "cells": cells,
    }
    path = pathlib.Path(__file__).resolve().parents[2] / "tests" / "reference" / "geneformer.json"
    path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    print(f"largest difference of float32 to float64: {worst:.1e}")


if __name__ == "__main__":
    main()

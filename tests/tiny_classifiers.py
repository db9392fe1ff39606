"""Classifiers of pictures with random weights, in a few kilobytes: a folder each, as a hub repository is."""

import json
from pathlib import Path

LABELS = ("cat", "dog", "frog", "ship")
SIDE_PX = 64
KINDS = ("resnet", "convnext", "vit", "dinov2")


def write_classifier(
    folder: Path, kind: str = "resnet", *, seed: int = 7, calibration: dict | None = None
) -> None:
    """A network of this kind that reads pictures of 64 px and knows four labels."""
    import torch

    torch.manual_seed(seed)
    model, processor = _MAKE[kind]()
    model.eval().save_pretrained(folder)
    processor.save_pretrained(folder)
    if calibration is not None:
        (folder / "calibration.json").write_text(json.dumps(calibration))


def spoil(folder: Path) -> None:
    """Let the last layer give what is not a number."""
    import torch
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    last = max(name for name in weights if name.startswith("classifier") and name.endswith("bias"))
    weights[last] = torch.full_like(weights[last], float("nan"))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def _labels() -> dict:
    return {"id2label": dict(enumerate(LABELS)), "label2id": {label: i for i, label in enumerate(LABELS)}}


def _resnet() -> tuple:
    from transformers import ResNetConfig, ResNetForImageClassification, ViTImageProcessorPil

    config = ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 16, 24, 32], depths=[1] * 4, layer_type="basic", **_labels()
    )
    side = {"height": SIDE_PX, "width": SIDE_PX}
    return ResNetForImageClassification(config), ViTImageProcessorPil(size=side, image_mean=[0.4, 0.5, 0.6])


def _convnext() -> tuple:
    from transformers import ConvNextConfig, ConvNextForImageClassification, ConvNextImageProcessorPil

    config = ConvNextConfig(
        hidden_sizes=[8, 16, 24], depths=[1] * 3, num_stages=3, layer_scale_init_value=0.5, **_labels()
    )
    processor = ConvNextImageProcessorPil(size={"shortest_edge": SIDE_PX}, crop_pct=0.875)
    return ConvNextForImageClassification(config), processor


def _vit() -> tuple:
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessorPil

    config = ViTConfig(**_tokens(), intermediate_size=64, **_labels())
    side = {"height": SIDE_PX, "width": SIDE_PX}
    return ViTForImageClassification(config), ViTImageProcessorPil(size=side)


def _dinov2() -> tuple:
    from transformers import BitImageProcessorPil, Dinov2Config, Dinov2ForImageClassification

    side = {"height": SIDE_PX, "width": SIDE_PX}
    processor = BitImageProcessorPil(size={"shortest_edge": 73}, crop_size=side)
    return Dinov2ForImageClassification(Dinov2Config(**_tokens(), mlp_ratio=2, **_labels())), processor


def _tokens() -> dict:
    sizes = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2}
    return sizes | {"image_size": SIDE_PX, "patch_size": 8, "initializer_range": 0.3}


_MAKE = {"resnet": _resnet, "convnext": _convnext, "vit": _vit, "dinov2": _dinov2}


WORDS = ("a", "photo", "of", "cat", "dog", "red", "bicycle", "mug", "狗")


def write_zero_shot(folder: Path, kind: str = "clip", *, seed: int = 7) -> None:
    """A model of pictures of 64 px and of the WORDS; `kind` is "clip" or "siglip"."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import CLIPImageProcessorPil, PreTrainedTokenizerFast, SiglipImageProcessorPil

    words = ["<pad>", "</s>", "<unk>", *WORDS]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)
    torch.manual_seed(seed)
    _pair(kind, len(words)).eval().save_pretrained(folder)
    side = {"height": SIDE_PX, "width": SIDE_PX}
    if kind == "clip":
        CLIPImageProcessorPil(size={"shortest_edge": SIDE_PX}, crop_size=side).save_pretrained(folder)
    else:
        SiglipImageProcessorPil(size=side).save_pretrained(folder)


def _pair(kind: str, words: int) -> object:
    from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

    layers = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision = layers | {"image_size": SIDE_PX, "patch_size": 16}
    text = layers | {
        "vocab_size": words, "max_position_embeddings": 16, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1,
    }  # fmt: skip
    if kind == "clip":
        return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=24))
    return SiglipModel(SiglipConfig(text_config=text, vision_config=vision))

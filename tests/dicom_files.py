"""Small DICOM files for tests, right or wrong in one place, written here and never read from a patient."""

import io
import warnings

import numpy as np
import pydicom
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import get_encoder


def ramp(rows=32, columns=48, *, top=4095):
    """Dark at the left, bright at the right."""
    return np.tile(np.linspace(0, top, columns), (rows, 1)).astype(np.uint16)


def dicom_file(pixels=None, *, syntax=uid.ExplicitVRLittleEndian, frame=None, omit=(), raw=None, **values):
    """The bytes of a chest X-ray of 12 bits; `values` replace attributes, `omit` leaves some out.

    `frame` is the picture already compressed, `raw` the pixel data as they are to be stored.
    """
    pixels = ramp() if pixels is None else pixels
    dataset = _dataset(pixels)
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    dataset.PixelData = _stored(pixels, frame) if raw is None else raw
    dataset["PixelData"].VR = "OW" if frame is None else "OB"
    dataset["PixelData"].is_undefined_length = frame is not None
    for keyword in omit:
        delattr(dataset, keyword)
    return written(dataset, syntax)


def written(dataset, syntax):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", uid.ComputedRadiographyImageStorage)
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = syntax
    dataset.file_meta = meta
    out = io.BytesIO()
    with warnings.catch_warnings():
        # What is wrong is written on purpose.
        warnings.simplefilter("ignore")
        pydicom.dcmwrite(
            out,
            dataset,
            implicit_vr=syntax == uid.ImplicitVRLittleEndian,
            little_endian=True,
            enforce_file_format=True,
        )
    return out.getvalue()


def rle_frame(pixels):
    return get_encoder(uid.RLELossless).encode(
        pixels.tobytes(),
        encoding_plugin="pydicom",
        rows=pixels.shape[0],
        columns=pixels.shape[1],
        samples_per_pixel=1 if pixels.ndim == 2 else 3,
        bits_allocated=8 * pixels.itemsize,
        bits_stored=8 * pixels.itemsize,
        pixel_representation=0,
        number_of_frames=1,
        photometric_interpretation="MONOCHROME2" if pixels.ndim == 2 else "RGB",
        planar_configuration=0,
    )


def jpeg_frame(pixels, kind="JPEG", **options):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def _stored(pixels, frame):
    return encapsulate([frame]) if frame is not None else pixels.tobytes()


def _dataset(pixels):
    dataset = Dataset()
    dataset.SOPClassUID = uid.ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = "1.2.3"
    dataset.Modality, dataset.BodyPartExamined, dataset.ViewPosition = "CR", "CHEST", "PA"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 1 if pixels.ndim == 2 else 3
    dataset.PhotometricInterpretation = "MONOCHROME2" if pixels.ndim == 2 else "RGB"
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = 8 * pixels.itemsize
    dataset.BitsStored = 12 if pixels.itemsize == 2 else 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    return dataset

"""A small release whose pictures are deep, many-framed, in DICOM and NIfTI, missing and broken."""

import gzip
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from medmat_explorer.store.collections import open_catalog
from tests.release_folder import SUBSET_02, record, run_import, write

COLLECTION = "pictures"
FRAMES = 5


def dicom_sample(name: str) -> bytes:
    """A file that lies inside pydicom's wheel; never downloaded."""
    found = get_testdata_file(name, download=False)
    assert isinstance(found, str)
    return Path(found).read_bytes()


def dicom_bytes(pixels: npt.NDArray[Any], **changes: Any) -> bytes:
    """A DICOM file of grey values, (frames x) height x width; changes set words of its header, None removes one."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = CTImageStorage
    made.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    made.SOPClassUID, made.SOPInstanceUID, made.Modality = CTImageStorage, "1.2.3", "OT"
    *frames, rows, columns = pixels.shape
    words = {
        "Rows": rows,
        "Columns": columns,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 8 * pixels.dtype.itemsize,
        "BitsStored": 8 * pixels.dtype.itemsize,
        "HighBit": 8 * pixels.dtype.itemsize - 1,
        "PixelRepresentation": int(np.issubdtype(pixels.dtype, np.signedinteger)),
        "PixelData": pixels.tobytes(),
        **({"NumberOfFrames": frames[0]} if frames else {}),
        **changes,
    }
    for word, value in words.items():
        if value is not None:
            setattr(made, word, value)
    stream = BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def ct_ramp() -> bytes:
    """64 x 64 pixels of -1000 HU on the left to 1015 HU on the right, 32 a step, with a soft tissue window."""
    stored = np.tile(np.arange(64, dtype=np.int16) * 32 + 24, (64, 1))
    return dicom_bytes(
        stored,
        Modality="CT",
        RescaleSlope=1,
        RescaleIntercept=-1024,
        RescaleType="HU",
        WindowCenter=40,
        WindowWidth=400,
    )


def stack() -> bytes:
    """Five frames of one value each: 0, 1000, ... 4000; without a window."""
    return dicom_bytes(np.stack([np.full((32, 48), 1000 * i, np.uint16) for i in range(FRAMES)]))


def png_bytes(image: Image.Image, **options: Any) -> bytes:
    """A picture as PNG."""
    stream = BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


def nifti_bytes(values: npt.NDArray[Any], affine: npt.NDArray[Any] | None = None, packed: bool = False) -> bytes:
    """A NIfTI-1 file."""
    import nibabel

    image: Any = nibabel.Nifti1Image(values, np.eye(4) if affine is None else affine)  # type: ignore[no-untyped-call]
    data: bytes = image.to_bytes()
    return gzip.compress(data) if packed else data


def pictures() -> dict[str, bytes | None]:
    """File names with their content; None is a file that is not there."""
    ramp = np.tile(np.arange(256, dtype=np.uint16) * 200, (64, 1))
    wave = np.add.outer(np.add.outer(np.arange(20), np.arange(24)), 5 * np.arange(9)).astype(np.int16)
    colours = Image.merge("RGB", [Image.linear_gradient("L").rotate(90 * i) for i in range(3)])
    return {
        "ct.dcm": ct_ramp(),
        "stack": stack(),
        "mr.dcm": dicom_sample("MR_small.dcm"),
        "scan.dcm": dicom_sample("CT_small.dcm"),
        "head.dcm": dicom_sample("693_J2KI.dcm"),
        "cine.dcm": dicom_sample("examples_ybr_color.dcm"),
        "deep.png": png_bytes(Image.fromarray(ramp)),
        "colour.png": png_bytes(colours),
        "volume.nii.gz": nifti_bytes(wave, packed=True),
        "lossless.dcm": dicom_sample("SC_rgb_jpeg_gdcm.dcm"),
        "broken.png": b"\x89PNG\r\n\x1a\n and no more",
        "gone.png": None,
    }


def make_collection(folder: Path) -> tuple[Path, dict[str, str]]:
    """Imports one item a picture; returns the home and each picture's item key."""
    found = pictures()
    images = {f"med-mat/pictures/{name}": data for name, data in found.items() if data is not None}
    records = [record(i, image=f"med-mat/pictures/{name}") for i, name in enumerate(found)]
    root, home = write(folder / "release", **{SUBSET_02: records}, **images), folder / "home"
    run_import(root, home, COLLECTION)
    catalog = open_catalog(COLLECTION, home)
    keys = {Path(image).name: key for image, key in _keys(catalog)}
    catalog.close()
    return home, keys


def _keys(catalog: Any) -> list[tuple[str, str]]:
    from medmat_explorer.domain.qa import item_key

    return [(image, item_key(id_)) for image, id_ in catalog.connection.rows("SELECT image, id FROM items")]

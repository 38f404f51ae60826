"""Files that were cut off, bent, or made to do harm: each is refused with one clear error, and early."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from nnlib import Network, storage
from nnlib.activations import ReLU
from nnlib.layers import BatchNorm, Dense, DropConnect, Dropout
from nnlib.losses import BCE, BCEWithLogits, SoftmaxCrossEntropy
from nnlib.network import KNOWN
from nnlib.optimizers import Adam
from nnlib.preprocessing import MinMax
from nnlib.training import fit

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(12, 3)), RNG.integers(0, 2, 12)


def make(n=4):
    return Network([Dense(3, n), BatchNorm(n), ReLU(), Dense(n, 2)], loss=SoftmaxCrossEntropy(), rng=0)


@pytest.fixture
def path(tmp_path):
    make().save(tmp_path / "net.npz")
    return tmp_path / "net.npz"


def refused(path, words="cannot be used as a saved network"):
    with pytest.raises(ValueError, match=words):
        Network.load(path)


# -- what is written --------------------------------------------------------------------------------------------------


def test_header_and_arrays_come_back(tmp_path):
    header = {"text": "é", "list": [1, 2.5, None], "number": np.int64(3), "array": np.arange(3)}
    arrays = {
        "empty": np.empty(0),
        "scalar": np.array(3.0),
        "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "strided": np.arange(10, dtype=np.float32)[::3],
        "1.running_mean": np.array([True, False]),
    }
    storage.write(tmp_path / "file", "thing", header, arrays)
    found, back = storage.read(tmp_path / "file", "thing")
    assert found == {"kind": "thing", "text": "é", "list": [1, 2.5, None], "number": 3, "array": [0, 1, 2]}
    assert set(back) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype
        assert back[name].flags.writeable


def test_numpy_reads_the_file_too(path):
    with np.load(path, allow_pickle=False) as file:
        np.testing.assert_array_equal(file["theta"], make().theta)


def test_the_same_content_gives_the_same_bytes(path, tmp_path):
    make().save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("value", [{1, 2}, object(), 1j])
def test_a_header_of_something_else_is_refused_and_nothing_is_written(tmp_path, value):
    with pytest.raises(TypeError, match="cannot be written as plain data"):
        storage.write(tmp_path / "file", "thing", {"value": value}, {})
    assert list(tmp_path.iterdir()) == []


def test_objects_are_never_pickled(tmp_path):
    with pytest.raises(ValueError, match="allow_pickle"):
        storage.write(tmp_path / "file", "thing", {}, {"array": np.array([print], dtype=object)})
    assert list(tmp_path.iterdir()) == []


def test_the_folder_must_be_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        storage.write(tmp_path / "no" / "file", "thing", {}, {})


# -- networks with more than parameters -------------------------------------------------------------------------------


def test_running_statistics_are_saved(tmp_path):
    net = make()
    fit(net, X, Y, optimizer=Adam(0.01), epochs=3, batch_size=6, progress=False, rng=0)
    net.save(tmp_path / "net")
    other = Network.load(tmp_path / "net")
    assert np.abs(other.layers[1].running_mean).min() > 0
    np.testing.assert_array_equal(other.predict(X), net.predict(X))


def test_every_class_of_the_library_comes_back(tmp_path):
    layers = [Dense(3, 4), BatchNorm(4, momentum=0.2, gradient="frozen_stats"), Dropout(0.25), DropConnect(4, 1, 0.5)]
    net = Network(layers, loss=BCEWithLogits(), rng=1)
    net.save(tmp_path / "net", preprocessing=MinMax().fit(X))
    other = Network.load(tmp_path / "net")
    np.testing.assert_array_equal(other.predict(X), net.predict(X))
    np.testing.assert_array_equal(other.preprocessing.transform(X), net_input(X))
    assert (other.layers[1].momentum, other.layers[1].gradient) == (0.2, "frozen_stats")
    assert (other.layers[2].q, other.layers[3].q) == (0.25, 0.5)
    assert {"Dense", "BatchNorm", "Swish", "CCE", "Standardizer"} <= set(KNOWN)


def net_input(X):
    return (X - X.min(axis=0)) / (X.max(axis=0) - X.min(axis=0))


class Counting:
    """A learner's own layer that counts its passes, with a buffer of integers."""

    def __init__(self):
        self.buffers = {"passes": np.array(0)}

    def forward(self, x, *, training=False):
        self.buffers["passes"] += 1
        return x

    def backward(self, dy):
        return dy


def test_buffers_of_an_own_layer(tmp_path):
    net = Network([Counting(), Dense(3, 2)])
    for _ in range(3):
        net.predict(X)
    net.save(tmp_path / "net")
    assert Network.load(tmp_path / "net", Counting=Counting).layers[0].buffers == {"passes": 3}


def test_a_state_is_a_copy_and_fits_one_network_only():
    net, other = make(), make(5)
    state = net.state_dict()
    before = state["theta"].copy()
    net.theta = 0
    net.layers[1].running_mean[:] = 7
    np.testing.assert_array_equal(state["theta"], before)
    net.load_state_dict(state)
    np.testing.assert_array_equal(net.theta, before)
    assert net.layers[1].running_mean.tolist() == [0] * 4
    with pytest.raises(ValueError, match=r"theta must have shape \(42,\), got \(34,\)"):
        other.load_state_dict(state)
    with pytest.raises(ValueError, match=r"expected the state \['1.running_mean', .*\], got \['theta'\]"):
        net.load_state_dict({"theta": before})


# -- accidents --------------------------------------------------------------------------------------------------------


def test_a_file_cut_off_anywhere_is_refused(path):
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        refused(path)


def test_a_changed_byte_is_noticed_or_changes_nothing(path):
    content, theta = path.read_bytes(), make().theta
    accepted = 0
    for place in range(0, len(content), 3):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x41]) + content[place + 1 :])
        try:
            net = Network.load(path)
        except ValueError as error:
            assert "cannot be used as a saved network" in str(error)
        else:
            accepted += 1  # dates and permissions in the list of contents
            np.testing.assert_array_equal(net.theta, theta)
            np.testing.assert_array_equal(net.layers[1].running_var, np.ones(4))
    assert accepted < 0.1 * len(content) / 3


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + bytes(100), bytes(1000)])
def test_no_file_of_ours(path, content):
    path.write_bytes(content)
    refused(path)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        Network.load(tmp_path)


# -- harm -------------------------------------------------------------------------------------------------------------


def npy(shape="(34,)", descr="'<f8'", data=bytes(34 * 8), version=1):
    """An npy file by hand, so that its header can claim anything."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H", len(text)) + text + data


def members(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def pack(path, content, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in content.items():
            file.writestr(name, data)


def with_header(path, change):
    """Change the header of a saved network."""
    content = members(path)
    header = json.loads(np.load(io.BytesIO(content["header.npy"])).item())
    change(header)
    text = io.BytesIO()
    np.save(text, np.array(json.dumps(header)))
    pack(path, content | {"header.npy": text.getvalue()})


def peak(call):
    """Bytes that a call had in use at most."""
    tracemalloc.start()
    call()
    bytes_used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return bytes_used


def test_the_tools_of_these_tests_make_good_files(path):
    pack(path, members(path) | {"theta.npy": npy()})
    assert not Network.load(path).theta.any()
    with_header(path, lambda header: None)
    assert not Network.load(path).theta.any()


@pytest.mark.parametrize(
    "data",
    [
        npy(shape="(10**15,)".replace("10**15", str(10**15))),
        npy(shape="(300000, 300000, 3000)"),
        npy(shape="(33,)"),
        npy(shape="(-34,)"),
        npy(shape="(34, 0)"),
        npy(shape="34"),
        npy(descr="'|V0'", shape="(1000000000000,)", data=b""),
        npy(descr="'<U0'", shape="(1000000000000,)", data=b""),
        npy(descr="'|O'"),
        npy(descr="[('a', '<f8')]"),
        npy(descr="__import__('os').system('false')"),
        npy(version=3),
        b"\x93NUMPY\x01\x00\xff\xff",
        b"",
    ],
)
def test_arrays_that_lie_about_themselves(path, data):
    pack(path, members(path) | {"theta.npy": data})
    assert peak(lambda: refused(path)) < 2e6


def test_a_compressed_file_is_refused_before_it_unfolds(path):
    for compression in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        pack(path, members(path) | {"theta.npy": npy("(4000000,)", data=bytes(32_000_000))}, compression)
        assert peak(lambda: refused(path, "it is compressed")) < 2e6
        make().save(path)


def test_many_members_in_one_place_are_refused(path):
    """A list of contents that names the same bytes again and again: a hundred times the length of the file."""
    big = npy("(100000,)", data=bytes(800_000))
    pack(path, {"theta.npy": big})
    content = path.read_bytes()
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = content[start:end]
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 100, 100, 100 * len(entry), start, 0)
    path.write_bytes(content[:start] + entry * 100 + tail)
    assert peak(lambda: refused(path, "it claims to hold more than it has room for")) < 2e6


@pytest.mark.parametrize(
    "changes",
    [
        {"arguments": {"n_in": 10**6, "n_out": 10**6}},
        {"arguments": {"n_in": 10**400, "n_out": 3}},
        {"arguments": {"n_in": -(10**6), "n_out": -(10**6)}},
        {"arguments": {"n_in": 3, "n_out": 10**7}},
        {"arguments": {"n_in": float("nan"), "n_out": 4}},
        {"arguments": {"n_in": float("inf"), "n_out": 0}},
        {"arguments": {"n_in": "3", "n_out": 10**9}},
        {"arguments": {"n_in": [0], "n_out": 10**9}},
        {"arguments": {"n_in": 3, "n_out": 4, "init": "system"}},
        {"arguments": {"n_in": 3, "n_out": 4, "init": {"a": 1}}},
        {"arguments": None},
        {"arguments": "n_in"},
        {"class": "BatchNorm", "arguments": {"n": 10**12}},
        {"class": "DropConnect", "arguments": {"n_in": 10**6, "n_out": 10**6, "q": 0.5}},
        {"class": "Layer", "arguments": {}},
        {"class": "MSE", "arguments": {}},
        {"class": ["Dense"]},
        {"class": None},
    ],
)
def test_absurd_layers_are_refused_before_they_are_made(path, changes):
    with_header(path, lambda header: header["layers"][0].update(changes))
    assert peak(lambda: refused(path)) < 2e6


def test_many_layers_that_are_too_large_only_together(path):
    with_header(path, lambda header: header.update(layers=[header["layers"][0]] * 1000))
    refused(path, "the layers have more parameters than the 34 in the file")


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.update(layers={}),
        lambda header: header.update(layers=None),
        lambda header: header.update(loss="SoftmaxCrossEntropy"),
        lambda header: header.update(loss={"class": "Network", "arguments": {"layers": []}}),
        lambda header: header.update(preprocessing={"class": "Standardizer", "arguments": {}}),
        lambda header: header.pop("layers"),
        lambda header: header.pop("loss"),
    ],
)
def test_headers_that_do_not_fit(path, change):
    with_header(path, change)
    refused(path)


def test_deep_nesting(path):
    text = io.BytesIO()
    np.save(text, np.array("[" * 100_000))
    pack(path, members(path) | {"header.npy": text.getvalue()})
    refused(path)


@pytest.mark.parametrize("name", ["1.running_mean", "theta", "2.other"])
def test_missing_and_surplus_arrays(path, name):
    content = members(path)
    content.pop(f"{name}.npy", None) or content.update({f"{name}.npy": npy()})
    pack(path, content)
    refused(path)


def test_buffers_of_another_kind_are_refused(path):
    pack(path, members(path) | {"1.running_mean.npy": npy("(4,)", "'<c16'", bytes(64))})
    refused(path, "Cannot cast")


def test_a_loss_that_came_back_is_the_same(tmp_path):
    net = Network([Dense(3, 1)], loss=BCE())
    net.save(tmp_path / "net")
    assert repr(Network.load(tmp_path / "net").loss) == "BCE()"

"""Where a drifted resource or attribute stands in code: the right line, the block's, or none."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.terraform.source import hcl, json_body
from tasks.terraform.source.lexer import UnreadableError
from tasks.terraform.source.modules import Modules
from tasks.terraform.source.node import Node, deepest
from tasks.terraform.source.places import Places

X = "aws_thing.x"


def spot(
    folder: Path, address: str = X, attribute: str = "", *, tofu: bool = False
) -> tuple[str, int] | None:
    found = Places(modules=Modules.of(folder, folder / ".terraform", tofu=tofu)).of(address, attribute)
    return None if found is None else (found.file, found.line)


def written(folder: Path, **files: str | bytes) -> Path:
    """Write files; ``__`` stands for a dot, ``___`` for a slash."""
    for name, text in files.items():
        path = folder / name.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


BEFORE = {
    "nothing": ("", 1),
    "a byte order mark": ("\ufeff", 1),
    "lines that end as on Windows": ('locals {\r\n  a = "b"\r\n}\r\n\r\n', 5),
    "a comment that holds a block": ('/*\nresource "aws_thing" "x" {}\n*/\n', 4),
    "line comments that hold one": ('# resource "aws_thing" "x" {\n// resource "aws_thing" "x" {\n', 3),
    "a heredoc that holds one": ('locals {\n  a = <<EOT\nresource "aws_thing" "x" {\nEOT\n}\n', 6),
    "an indented heredoc": ('locals {\n  a = <<-EOT\n    }}} "\n    EOT\n}\n', 6),
    "a heredoc whose marker is padded": ("locals {\n  a = <<EOT\n{\n  EOT  \n}\n", 6),
    "a heredoc whose template holds its marker": ("locals {\n a = <<E\n${f([\nE\n])}\nE\n}\n", 8),
    "a string with braces": ('locals {\n  a = "}}} { ${f("}", "{")} $${ %%{"\n}\n', 4),
    "a string with quotes": ('locals {\n  a = "\\" { \\\\"\n}\n', 4),
    "a template with a string in it": ('locals { a = "${lookup({ "}" = "x" }, "${"}"}")}" }\n', 2),
    "a directive": ('locals { a = "%{ if x }{%{ else }}%{ endif }" }\n', 2),
    "a block of another kind": (
        'data "aws_thing" "x" {\n}\nmoved {\n from = aws_thing.y\n to = aws_thing.x\n}\n',
        7,
    ),
    "another name": ('resource "aws_thing" "xx" {}\nresource "aws_things" "x" {}\n', 3),
    "a directive with a string in it": ('locals { a = "%{ if x == "}{\\"" }{%{ endif }" }\n', 2),
    "an escaped backslash": ('locals { a = "\\\\" }\n', 2),
    "division": ("locals { a = 4 / 2 }\n", 2),
}


@pytest.mark.parametrize("case", BEFORE)
def test_a_block_is_found_behind_whatever_stands_before_it(tmp_path: Path, case: str) -> None:
    before, line = BEFORE[case]
    text = f'{before}resource "aws_thing" "x" {{\n  size = 1\n}}\n'
    written(tmp_path, main__tf=text)
    assert spot(tmp_path) == ("main.tf", line)
    assert spot(tmp_path, attribute="size") == ("main.tf", line + 1)


@pytest.mark.terraform
@pytest.mark.parametrize("case", BEFORE)
def test_what_stands_before_a_block_above_is_code_that_terraform_reads(program: str, case: str) -> None:
    text = BEFORE[case][0].encode()
    done = subprocess.run([program, "fmt", "-"], input=text, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "header",
    [
        'resource "aws_thing" "x" {',
        "resource aws_thing x{",
        '  resource   "aws_thing"\t"x"{',
        '/* a */ resource /* b */ "aws_thing" "x" /* c */ {',
    ],
)
def test_a_block_is_found_however_its_first_line_is_spelled(tmp_path: Path, header: str) -> None:
    assert spot(written(tmp_path, main__tf=f"{header} }}\n")) == ("main.tf", 1)


BODY = """resource "aws_thing" "x" {
  for_each = toset(["a"])
  name     = "n" # why
  tags = {
    Owner = "books"
    "k8s.io/name" : "n"
    "${var.key}" = 1
    k8s = 1
  }
  policy = jsonencode({
    Version = "2012-10-17"
  })
  versioning {
    status = "Enabled"
  }
  ingress {
    port = 1
  }
  ingress {
    port = 2
  }
  dynamic "egress" {
    for_each = var.egress
    content {
      port = egress.value
    }
  }
  sizes = [
    1,
    { a = 2 },
  ]
  text = <<-EOT
    size = 1
  EOT
  size = /* odd */ 3
  lifecycle { ignore_changes = [tags] }
}
"""

LINES = {
    "name": 3,
    "tags": 4,
    "tags.Owner": 5,
    "tags.k8s.io/name": 6,
    "tags.k8s": 8,
    "tags.absent": 4,
    "tags_all.Owner": 5,
    "policy": 10,
    "policy.Version": 10,
    "versioning": 13,
    "versioning.0.status": 14,
    "versioning.0.absent": 13,
    "ingress": 16,
    "ingress.0.port": 16,
    "egress.0.port": 25,
    "egress": 22,
    "sizes.1.a": 30,
    "text": 32,
    "size": 35,
    "absent": 1,
    "inline_policy.quick": 1,
    "name_prefix": 1,
}


@pytest.mark.parametrize("attribute", LINES)
def test_an_attribute_has_the_line_where_it_is_written_else_that_of_what_holds_it(
    tmp_path: Path, attribute: str
) -> None:
    assert spot(written(tmp_path, main__tf=BODY), attribute=attribute) == ("main.tf", LINES[attribute])


def test_an_override_has_the_last_word_on_what_it_sets(tmp_path: Path) -> None:
    written(
        tmp_path,
        main__tf=BODY,
        override__tf='\nresource "aws_thing" "x" {\n  name = "o"\n}\n',
        z_override__tf='\nresource "aws_thing" "x" {\n\n  name = "z"\n}\n',
    )
    assert spot(tmp_path) == ("main.tf", 1)
    assert spot(tmp_path, attribute="name") == ("z_override.tf", 4)
    assert spot(tmp_path, attribute="policy") == ("main.tf", 10)


NONE = {
    "no code": "",
    "only its override": None,
    "two of them": 'resource "aws_thing" "x" {}\nresource "aws_thing" "x" {}\n',
    "a block without an end": 'resource "aws_thing" "x" {\n',
    "a string without an end": 'resource "aws_thing" "x" {\n  a = "b\n}\n',
    "a heredoc without an end": 'resource "aws_thing" "x" {\n  a = <<E\n}\n',
    "brackets that do not match": 'resource "aws_thing" "x" {\n  a = [1)\n}\n',
    "labels that are not written out": 'resource "aws_${"thing"}" "x" {}\n',
    "one label": 'resource "aws_thing.x" {}\n',
    "no braces": 'resource "aws_thing" "x"\n{}\n',
    "no UTF-8": b'resource "aws_thing" "x" {} # \xff\n',
    "templates without end": 'resource "aws_thing" "x" { a = ' + '"${' * 500 + '}"' * 500 + " }\n",
}


@pytest.mark.parametrize("case", NONE)
def test_what_is_not_known_for_sure_has_no_place(tmp_path: Path, case: str) -> None:
    text = NONE[case]
    files = {"override__tf": 'resource "aws_thing" "x" {}\n'} if text is None else {"main__tf": text}
    assert spot(written(tmp_path, **files), attribute="a") is None


def test_a_file_that_does_not_parse_takes_only_its_own_blocks_with_it(tmp_path: Path) -> None:
    written(tmp_path, main__tf=BODY, more__tf='resource "aws_thing" "x" {\n', _hidden__tf="#")
    assert spot(tmp_path) == ("main.tf", 1)


def test_a_file_that_is_too_large_has_no_places(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(BODY + "#" * 2**24)
    assert spot(tmp_path) is None


def test_json_is_code_too(tmp_path: Path) -> None:
    text = """{"//": "a comment",
"resource": {"aws_thing": {
  "y": {},
  "x": {
    "//": "why",
    "name": "n",
    "tags": {"Owner": "a",
             "k.io/n": "b"},
    "versioning": [
      {"status": "Enabled"}
    ],
    "dynamic": {"setting": {
      "for_each": "${var.s}",
      "content": {"name": "n",
                  "value": "v"}}}
  }
}}}"""
    written(tmp_path, main__tf__json=text)
    places = {path: spot(tmp_path, attribute=path) for path in ("", "name", "tags.k.io/n", "absent")}
    lines = {path: found and found[1] for path, found in places.items()}
    assert lines == {"": 4, "name": 6, "tags.k.io/n": 8, "absent": 4}
    assert spot(tmp_path, attribute="versioning.0.status") == ("main.tf.json", 10)
    assert spot(tmp_path, attribute="setting.0.value") == ("main.tf.json", 15)
    written(tmp_path, main__tf__json=json.dumps({"resource": [{"aws_thing": [{"x": [{}]}]}]}))
    assert spot(tmp_path) == ("main.tf.json", 1)
    written(tmp_path, main__tf__json='{"resource": {"aws_thing": {"x": ')
    assert spot(tmp_path) is None


def noted(folder: Path, **keys: str) -> None:
    listed = [{"Key": "", "Source": "", "Dir": "."}]
    listed += [{"Key": key.replace("__", "."), "Source": "", "Dir": place} for key, place in keys.items()]
    written(folder, __terraform___modules___modules__json=json.dumps({"Modules": listed}))


def test_modules_are_followed_where_terraform_placed_them(tmp_path: Path) -> None:
    root = tmp_path / "root"
    written(tmp_path, modules___store___bucket__tf='\nresource "aws_thing" "x" {}\n')
    written(
        root, main__tf='module "a" { source = "registry/x" }\nmodule "b" { source = "../modules/store" }\n'
    )
    written(root, __terraform___modules___a___main__tf='resource "aws_thing" "x" {}\n')
    noted(root, a=".terraform/modules/a", b="../modules/store", a__inner="../modules/store")
    assert spot(root, 'module.a["k.m"].aws_thing.x[0]') == (".terraform/modules/a/main.tf", 1)
    assert spot(root, "module.b[0].aws_thing.x") == ("../modules/store/bucket.tf", 2)
    assert spot(root, "module.a.module.inner.aws_thing.x") == ("../modules/store/bucket.tf", 2)


@pytest.mark.terraform
def test_every_instance_of_real_nested_modules_has_its_line(tmp_path: Path, program: str) -> None:
    written(
        tmp_path,
        root___main__tf='module "shop" {\n  source   = "./shop"\n  for_each = toset(["a.b", "c"])\n}\n',
        root___shop___main__tf='module "till" {\n  source = "../../till"\n  count = 2\n}\n',
        till___main__tf='\nresource "terraform_data" "x" {\n  for_each = toset(["k]"])\n  input = 1\n}\n',
        till___more__tf__json='{"resource": {"terraform_data": {\n"y": {"count": 2,\n"input": 2}}}}',
    )
    root = tmp_path / "root"
    for arguments in (["init"], ["plan", "-out=plan"], ["show", "-json", "plan"]):
        command = [program, *arguments]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CHECKPOINT_DISABLE": "1"}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True)
    addresses = [one["address"] for one in json.loads(done.stdout)["resource_changes"]]
    places = {address: spot(root, address, "input") for address in addresses}
    assert 'module.shop["a.b"].module.till[1].terraform_data.x["k]"]' in places
    assert len(places) == 12
    for address, place in places.items():
        assert place == (("../till/main.tf", 4) if ".x[" in address else ("../till/more.tf.json", 3))


@pytest.mark.parametrize("notes", ["", "[]", '{"Modules": [1]}', '{"Modules": [{"Key": "a"}]}', "{"])
def test_without_terraforms_notes_local_modules_are_followed_by_their_source(
    tmp_path: Path, notes: str
) -> None:
    written(
        tmp_path,
        root___main__tf='module "a" {\n  source = "../m"\n}\nmodule "b" {\n  source = "../m/"\n}\n',
        root___far__tf='module "r" { source = "registry/x/aws" }\nmodule "v" { source = var.m }\n',
        m___main__tf='module "n" { source = "./n" }\n',
        m___n___main__tf='resource "aws_thing" "x" {}\n',
        root___terraform___modules___modules__json=notes,
    )
    root = tmp_path / "root"
    assert spot(root, "module.a.module.n.aws_thing.x") == ("../m/n/main.tf", 1)
    assert spot(root, "module.b.module.n.aws_thing.x") == ("../m/n/main.tf", 1)
    assert [spot(root, f"module.{name}.aws_thing.x") for name in ("r", "v", "absent")] == [None] * 3


def test_a_link_is_followed(tmp_path: Path) -> None:
    written(tmp_path, real___main__tf=BODY, root___main__tf='module "m" { source = "./link" }\n')
    (tmp_path / "root" / "link").symlink_to(tmp_path / "real")
    (tmp_path / "root" / "gone.tf").symlink_to(tmp_path / "nowhere.tf")
    assert spot(tmp_path / "root", "module.m.aws_thing.x", "name") == ("link/main.tf", 3)


def test_a_file_whose_name_is_no_utf_8_is_named_in_utf_8(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"m\xff.tf")).write_text(BODY)
    assert spot(tmp_path) == ("m\ufffd.tf", 1)


def test_opentofu_reads_its_own_files_over_terraforms(tmp_path: Path) -> None:
    written(tmp_path, main__tf=BODY, main__tofu=f"\n{BODY}")
    assert spot(tmp_path) == ("main.tf", 1)
    assert spot(tmp_path, tofu=True) == ("main.tofu", 2)


def test_what_was_downloaded_into_scratch_is_found_when_scratch_is_gone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    written(data, modules___m___main__tf=BODY)
    listed = [{"Key": "m", "Source": "", "Dir": str(data / "modules" / "m")}]
    written(data, modules___modules__json=json.dumps({"Modules": listed}))
    modules = Modules.of(tmp_path / "root", data)
    modules.keep()
    for path in (data / "modules" / "m" / "main.tf", data / "modules" / "modules.json"):
        path.unlink()
    found = Places(modules=modules).of("module.m.aws_thing.x", "name")
    assert found is not None
    assert (found.file, found.line) == (".terraform/modules/m/main.tf", 3)


def test_the_address_of_no_managed_resource_has_no_place(tmp_path: Path) -> None:
    written(tmp_path, main__tf=BODY)
    for address in ("data.aws_thing.x", "", "x", "module.a", "a.b.c.aws_thing.x", "module.aws_thing.x"):
        assert spot(tmp_path, address) is None


PIECES = [
    *(
        'resource "aws_thing" "x" {',
        'dynamic "a" {',
        "content {",
        "tags = {",
        "a = 1",
        "a",
        "é",
        " ",
        "\n",
        "\r\n",
    ),
    *("<<E", "<<-E", "E", "/*", "*/", "#", "//", '"', "\\", "${", "%{", "$${", "\x00"),
    *("{", "}", "[", "]", "(", ")", "=", ","),
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join)


def check(nodes: tuple[Node, ...], text: str, depth: int = 0) -> None:
    last = text.count("\n") + 1
    for node in nodes:
        assert 1 <= node.line <= last
        _ = node.spelled, node.constant, node.is_false
        if depth < 5:
            check(node.inner, text, depth + 1)
    _ = deepest(nodes, "a.0.a"), deepest(nodes, "tags.a")


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_no_text_makes_the_finder_raise_or_point_at_a_line_that_is_not_there(text: str) -> None:
    for read in (hcl.items, json_body.items):
        try:
            check(tuple(read(text)), text)
        except UnreadableError:
            continue


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(BODY)), st.sampled_from(PIECES))
def test_wherever_a_block_is_broken_what_is_found_bears_the_name_that_was_asked(at: int, piece: str) -> None:
    text = BODY[:at] + piece + BODY[at:]
    lines = text.split("\n")
    try:
        found = [node for node in hcl.items(text) if node.labels == ("aws_thing", "x")]
        for block in found:
            assert "aws_thing" in lines[block.line - 1]
            for path in LINES:
                inner = deepest(block.inner, path)
                if inner is not None:
                    assert inner.name.isdigit() or inner.name in lines[inner.line - 1]
    except UnreadableError:
        return

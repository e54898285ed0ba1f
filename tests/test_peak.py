"""The memory of a program is its own."""

import subprocess

from peak import peak, program


def test_a_child_does_not_begin_with_the_memory_of_its_parent():
    held = bytearray(b"a" * 100_000_000)
    child = subprocess.run(program("from peak import peak\nprint(peak())"), capture_output=True, text=True, check=True)
    assert peak() > len(held) / 1024 > 2 * int(child.stdout)


def test_what_was_held_and_given_back_counts():
    text = "from peak import peak\nprint(peak()); held = bytearray(b'a' * 50_000_000); del held; print(peak())"
    before, after = (
        int(word) for word in subprocess.run(program(text), capture_output=True, text=True, check=True).stdout.split()
    )
    assert after - before > 45_000

"""The fake GitHub of the tests keeps to GitHub's rules: refs and objects are those of the real repository."""

from support.github.asking import made


def test_a_branch_moves_forward_in_the_real_repository_and_only_forward(ask, repo, remote, tip):
    old = remote.sha("refs/heads/main")
    made(ask("PATCH", f"{repo}/git/refs/heads/main", {"sha": tip}), 200)
    assert remote.sha("refs/heads/main") == tip
    back = ask("PATCH", f"{repo}/git/refs/heads/main", {"sha": old})
    assert (back.status_code, back.json()["message"]) == (422, "Update is not a fast forward")
    made(ask("PATCH", f"{repo}/git/refs/heads/main", {"sha": old, "force": True}), 200)


def test_a_ref_is_made_once_and_for_an_object_that_is_there(ask, repo, tip):
    made(ask("POST", f"{repo}/git/refs", {"ref": "refs/heads/new", "sha": tip}))
    again = ask("POST", f"{repo}/git/refs", {"ref": "refs/heads/new", "sha": tip})
    assert again.json()["message"] == "Reference already exists"
    assert ask("POST", f"{repo}/git/refs", {"ref": "refs/heads/x", "sha": "f" * 40}).status_code == 422
    assert ask("POST", f"{repo}/git/refs", {"ref": "heads/x", "sha": tip}).status_code == 422
    assert ask("DELETE", f"{repo}/git/refs/heads/new").status_code == 204
    assert ask("GET", f"{repo}/git/ref/heads/new").status_code == 404


def test_a_commit_is_made_of_blobs_and_trees(ask, repo, remote, tip):
    blob = made(ask("POST", f"{repo}/git/blobs", {"content": "aGk=", "encoding": "base64"}))
    entry = {"path": "notes/a.txt", "mode": "100644", "type": "blob", "sha": blob["sha"]}
    tree = made(ask("POST", f"{repo}/git/trees", {"base_tree": tip, "tree": [entry]}))
    body = {"message": "docs: notes", "tree": tree["sha"], "parents": [tip]}
    commit = made(ask("POST", f"{repo}/git/commits", body))
    assert remote.git("show", f"{commit['sha']}:notes/a.txt") == "hi"
    assert remote.git("rev-parse", f"{commit['sha']}^") == tip
    assert ask("GET", f"{repo}/git/commits/{commit['sha']}").json()["message"] == "docs: notes"
    assert ask("GET", f"{repo}/git/blobs/{blob['sha']}").json()["size"] == 2


def test_a_tag_object_is_nothing_until_a_ref_names_it(ask, repo, remote, tip):
    tag = made(ask("POST", f"{repo}/git/tags", {"tag": "v1", "message": "m", "object": tip, "type": "commit"}))
    assert remote.refs().get("refs/tags/v1") is None
    made(ask("POST", f"{repo}/git/refs", {"ref": "refs/tags/v1", "sha": tag["sha"]}))
    assert ask("GET", f"{repo}/git/tags/{tag['sha']}").json()["object"]["sha"] == tip
    assert ask("GET", f"{repo}/git/ref/tags/v1").json()["object"]["type"] == "tag"

"""COCO-WholeBody: body, feet, face and hands of a person come as one row of 133 points, and go back as such."""

from veml_lab.formats import read, write

PERSON = {"id": 1, "name": "person", "keypoints": [f"p{i}" for i in range(17)], "skeleton": [[1, 2]]}


def annotation(i: int, **parts) -> dict:
    return {
        "id": i,
        "image_id": 1,
        "category_id": 1,
        "bbox": [5, 5, 30, 30],
        "iscrowd": 0,
        "keypoints": [10, 10, 2] + [0, 0, 0] * 16,
        "face_box": [5, 5, 9, 9],
        "face_valid": True,
        **parts,
    }


def test_the_five_lists_are_one_row_of_points(folder_of, tmp_path):
    face = [0, 0, 0] * 67 + [12.5, 13.5, 0.43]  # the third value is a confidence
    hand = [7, 8, 0.9] + [0, 0, 0] * 20
    whole = annotation(1, face_kpts=face, lefthand_kpts=hand, righthand_kpts=[1, 2], foot_kpts=[9, 9, 1.0] * 6)
    content = {"images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}], "categories": [PERSON],
               "annotations": [whole, annotation(2, face_kpts=[0, 0, 0] * 68)]}  # fmt: skip
    source = read(folder_of({"images/a.jpg": None, "annotations/coco_wholebody_val_v1.0.json": content}))
    (r,) = source.records()
    assert (source.task, r.role, source.findings()) == ("keypoints", "test", [])
    first, second = (k.points for k in r.keypoints)
    assert len(first) == len(second) == 133
    shown = {i: p for i, p in enumerate(first) if p[2]}
    # body 0 to 16, feet to 22, face to 90, left hand to 111, right hand to 132
    assert shown == {0: (10, 10, 2), **{i: (9, 9, 2) for i in range(17, 23)}, 90: (12.5, 13.5, 2), 91: (7, 8, 2)}
    assert [i for i, p in enumerate(second) if p[2]] == [0]
    names = source.about["keypoints"]["person"]["names"]
    assert len(names) == 133 and names[16:18] == ["p16", "foot_kpts 1"] and names[-1] == "righthand_kpts 21"
    write(source, tmp_path / "out", "coco")
    again = read(tmp_path / "out")
    assert [k.points for r in again.records() for k in r.keypoints] == [first, second]

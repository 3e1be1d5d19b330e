"""Questions worth asking a collection's tables, as they stand in the SQL console."""

EXAMPLES: dict[str, str] = {
    "Largest subsets": """\
SELECT s.number, s.modality, s.area, s.task, count(*) AS items, count(DISTINCT i.image_id) AS pictures
FROM items i JOIN subsets s ON s.number = i.subset
GROUP BY ALL ORDER BY items DESC""",
    "Labels out of balance": """\
WITH counts AS (
    SELECT subset, array_to_string(labels, ', ') AS answer, count(*) AS items FROM items GROUP BY ALL
)
SELECT subset, arg_max(answer, items) AS most_frequent, max(items) AS items, sum(items)::BIGINT AS n,
    round(max(items) / sum(items), 3) AS share
FROM counts GROUP BY subset ORDER BY share DESC""",
    "Where the right answer stands": """\
WITH counts AS (
    SELECT len(options) AS options, letter, count(*) AS items FROM items GROUP BY ALL
)
SELECT *, round(items / sum(items) OVER (PARTITION BY options), 3) AS share
FROM counts ORDER BY options, letter""",
    "Areas by modality": """\
PIVOT (SELECT s.area, s.modality, i.id FROM items i JOIN subsets s ON s.number = i.subset)
ON modality IN ('CT', 'MRI', 'X-ray', 'FP', 'Mic')
USING count(id) GROUP BY area ORDER BY area""",
    "Largest pictures": """\
SELECT i.key, i.subset, m.width, m.height, m.mode, i.image
FROM items i JOIN images m USING (image_id)
WHERE m.state = 'ok' ORDER BY m.width * m.height DESC, i.key LIMIT 100""",
    "Size of pictures by data set": """\
SELECT i.dataset, count(DISTINCT m.image_id) AS pictures, median(m.width)::INTEGER AS width,
    median(m.height)::INTEGER AS height, count(DISTINCT m.image_id) FILTER (m.mode = 'L') AS grey
FROM items i JOIN images m USING (image_id)
WHERE m.state = 'ok' GROUP BY ALL ORDER BY pictures DESC""",
    "Pictures that several questions share": """\
SELECT image, count(*) AS questions, count(DISTINCT subset) AS subsets, min(key) AS key
FROM items GROUP BY image HAVING count(*) > 1
ORDER BY questions DESC, image LIMIT 200""",
    "Longest questions": """\
SELECT key, subset, len(string_split(trim(question), ' ')) AS words, question
FROM items ORDER BY words DESC, key LIMIT 50""",
    "Test items with a tag": """\
SELECT t.tag, i.key, i.subset, i.question, i.letter
FROM tags t JOIN items i USING (id)
WHERE i.split = 'test' ORDER BY t.tag, i.key""",
    "A random dozen of each subset": """\
SELECT key, subset, split, question, letter
FROM items QUALIFY row_number() OVER (PARTITION BY subset ORDER BY hash(id + 7)) <= 12""",
}

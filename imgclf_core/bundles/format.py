"""What a bundle is: the names of its files, its seal, and how exactly it must answer.

    model.keras, model.tflite     for Keras and LiteRT
    labels.json                   names, threshold, settings, versions, hashes of all else
    predict.py, requirements.txt  answers without the app, see `bundles/writer/predict.py`
    model_card.md                 see `bundles/writer/model_card.py`
    gate.npz, weights.npz         what the reader builds the model from
    samples/                      photos with the scores they must get

The comment of the zip is `SEAL` and the SHA-256, in 64 hexadecimal digits, of all bytes before it.
"""

from imgclf_core.runs import ood_detector, run_store

FORMAT = 2

LABELS_FILE = "labels.json"
MOST_LABEL_BYTES = 1024 * 1024
KERAS_FILE, LITERT_FILE = run_store.KERAS_FILE, run_store.LITERT_FILE
WEIGHTS_FILE, DETECTOR_FILE = "weights.npz", ood_detector.FILE
PREDICT_FILE, REQUIREMENTS_FILE = "predict.py", "requirements.txt"
CARD_FILE = "model_card.md"
SAMPLES_FOLDER = "samples"
EXPECTED_FILE = f"{SAMPLES_FOLDER}/expected.json"

SEAL = b"imgclf sha256 "
SEAL_BYTES = len(SEAL) + 64

# Scores of every part may differ from those of the run by so much, 0 to 1.
TOLERANCE = 1e-4

"""Every term of the report in plain words."""

TERMS = {
    "Accuracy": "Share of the photos that were guessed right.",
    "Area under ROC": "How well the score of a class sorts its photos before all others: the "
    "chance that a photo of the class has a higher score than one of another class. 1 is perfect, "
    "0.5 is chance.",
    "Augmentation": "Turned, zoomed, shifted and mirrored copies of the training photos, so that "
    "the network does not learn photos by heart.",
    "Average precision": "The precision while finding more and more photos of a class, averaged: "
    "the area under the precision-recall curve. 1 is perfect.",
    "Balanced accuracy": "The mean, over all classes, of the share that was found. A large class "
    "cannot hide a small one in it.",
    "Baseline": "What one gets right without looking: always guessing the most frequent class. A "
    "network has to beat it clearly.",
    "Batch": "Photos the network looks at between two corrections.",
    "Best epoch": "The epoch with the least loss on the validation photos. It is the one that was "
    "kept.",
    "Class": "One of the kinds of picture to be told apart.",
    "Confusion matrix": "A table of which class was taken for which. Each row is a true class, "
    "each column a guess; right guesses are on the diagonal.",
    "Coverage": "Share of the photos that get an answer when the network answers only if it is "
    "sure enough.",
    "Epoch": "One round in which every training photo is shown once.",
    "Expected calibration error": "How far scores are from the truth on average. At 0, of the "
    "answers given with 80 % exactly 80 % are right.",
    "F1": "One figure between precision and recall: their harmonic mean.",
    "Fine-tuning": "Letting the upper blocks of a pretrained network learn too, slowly.",
    "First answer": "A linear layer on the pretrained network, computed in one step without "
    "training.",
    "Hash (SHA-256)": "A fingerprint of a file or a list. If two are the same, so is what they "
    "were made of.",
    "Interval": "Where the accuracy on all photos of this kind probably lies. Of a hundred such "
    "intervals about 95 hold it (Wilson interval). More test photos make it narrower.",
    "Learning rate": "How large the corrections of the network are.",
    "Log loss": "Mean penalty for scores that are far from the truth; being sure and wrong costs "
    "most. Lower is better, and 0 is perfect.",
    "Loss": "The log loss that training makes smaller step by step.",
    "Macro average": "Mean over the classes, every class counting alike.",
    "MobileNetV2": "A small network for pictures that has learnt from a million photos before. "
    "Only its last layer, or a little more, learns the new classes.",
    "Precision": "Of the photos guessed to be of a class, the share that really is.",
    "Preset, recipe": "Settings that belong together: ours by effort, and those of published "
    "write-ups.",
    "Recall": "Of the photos of a class, the share that was found.",
    "Reliability diagram": "How often answers are right, by how sure they were. Bars that reach "
    "the line mean scores one can believe.",
    "ROC": "Receiver operating characteristic: the share of a class that is found, against the "
    "share of other photos found by mistake, for every threshold.",
    "Score": "How sure the network is of a class, from 0 to 1. The scores of one photo add up to "
    "1.",
    "Scratch CNN": "A small network that starts knowing nothing and learns from these photos "
    "alone.",
    "Seed": "The number from which everything random follows. The same seed gives the same order "
    "and the same division.",
    "Sealed test photos": "Photos that took no part in training and in choosing. Only they tell "
    "how good the network is on new photos.",
    "Shortcut": "Something beside the thing itself by which classes can be told, such as a "
    "background or the camera. A network that learns it fails on other photos.",
    "Support": "How many photos of a class were looked at: the column 'photos' of the table.",
    "Temperature": "One number that makes all scores softer (above 1) or sharper (below 1), so "
    "that they can be believed. It changes no guess.",
    "Threshold": "The least score with which the network answers. Below it, it is not sure.",
    "Training, validation, test": "The three sides of the photos: the first are learnt from, the "
    "second choose the best moment, the third are kept sealed for the score.",
    "Weighted average": "Mean over the classes, each counting by its photos.",
    "Weights": "The numbers inside a network that training changes. Pretrained weights come from "
    "other photos.",
}

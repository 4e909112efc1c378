"""A review is good or bad: an embedding, an LSTM of 100 units, one sigmoid. `load_data` comes from whoever runs this."""

import numpy as np
from keras.layers import LSTM, Dense, Embedding
from keras.models import Sequential, load_model
from keras.preprocessing.sequence import pad_sequences

top_words, review_length = 5000, 500
(x_train, y_train), (x_test, y_test) = load_data(num_words=top_words)  # noqa: F821
x_train = pad_sequences(x_train, maxlen=review_length)
x_test = pad_sequences(x_test, maxlen=review_length)

model = Sequential()
model.add(Embedding(top_words, 32, input_length=review_length))
model.add(LSTM(100))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.build((None, review_length))
model.summary()

# ---- training
history = model.fit(x_train, y_train, validation_data=(x_test, y_test), epochs=2, batch_size=128, verbose=2)
scores = model.evaluate(x_test, y_test, verbose=0)
print(f"Accuracy: {scores[1] * 100:.2f} %")

review = pad_sequences([[1, 14, 22, 16, 43, 530, 973]], maxlen=review_length)
verdict = model.predict(review, verbose=0)
print("positive" if verdict[0, 0] > 0.5 else "negative")

model.save("imdb.keras")
again = load_model("imdb.keras")
assert np.allclose(again.predict(review, verbose=0), verdict, atol=1e-6)

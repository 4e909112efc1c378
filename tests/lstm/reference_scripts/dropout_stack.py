"""The same question with half of the LSTM's output dropped while it learns. `load_data` comes from whoever runs this."""

from keras.layers import LSTM, Dense, Dropout, Embedding
from keras.models import Sequential, load_model
from keras.optimizers import RMSprop
from keras.preprocessing.sequence import pad_sequences

max_features = 1024
(x_train, y_train), (x_test, y_test) = load_data(num_words=max_features)  # noqa: F821
x_train, x_test = pad_sequences(x_train, maxlen=80), pad_sequences(x_test, maxlen=80)

model = Sequential()
model.add(Embedding(max_features, output_dim=256))
model.add(LSTM(128))
model.add(Dropout(0.5))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=RMSprop(learning_rate=0.001), metrics=["accuracy"])
model.build((None, 80))
model.summary()

# ---- training
history = model.fit(x_train, y_train, batch_size=16, epochs=2)
scores = model.evaluate(x_test, y_test, batch_size=16)
verdict = model.predict(x_test[:1], verbose=0)
model.save("dropout_stack.keras")
again = load_model("dropout_stack.keras")
assert abs(again.predict(x_test[:1], verbose=0) - verdict).max() < 1e-6

"""Digits from start to saved model: PyTorch."""

import sys

import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
data = np.load(sys.argv[1])
X, y = torch.from_numpy(data["X"]), torch.from_numpy(data["y"])
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=True)
for _ in range(100):
    for rows in torch.randperm(len(X)).split(32):
        loss = nn.functional.cross_entropy(model(X[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
torch.save(model.state_dict(), sys.argv[2])

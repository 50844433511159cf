namespace Sluice.Build;

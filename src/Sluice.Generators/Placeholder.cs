namespace Sluice.Generators;

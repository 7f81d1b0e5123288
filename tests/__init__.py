"""Tests of Shengliu; each module tests the module it is named after."""
